import { expect, it } from 'vitest';
import { alternateLinks } from '../../../src-node/acme/link-header.js';

const base = 'https://ca.example/cert/1';

it.each([
  ['', []],
  ['<https://ca.example/dir>;rel="index"', []],
  ['<https://ca.example/cert/1/1>;rel="alternate"', ['https://ca.example/cert/1/1']],
  ['</cert/1/1>; REL=alternate', ['https://ca.example/cert/1/1']],
  [
    '<https://ca.example/dir>;rel="index", <1/1>;rel="alternate", <1/2>; title="a, b"; rel="up alternate"',
    ['https://ca.example/cert/1/1', 'https://ca.example/cert/1/2'],
  ],
  ['<https://ca.example/a>;rel="alternates", <http://[>;rel="alternate", garbage', []],
] as const)('%j has %j', (header, links) => {
  expect(alternateLinks(header, base)).toEqual(links);
});
