import { describe, expect, it } from 'vitest';
import { readHaproxyConfig, type HaproxyConfig } from '../../../src-node/haproxy/haproxy-config.js';
import { bindsServing, candidateNames, listsHolding } from '../../../src-node/haproxy/loaded-names.js';

const cwd = '/start';
const bundle = '/start/certs/a.pem';

function config(text: string): HaproxyConfig {
  return readHaproxyConfig([{ path: '/etc/haproxy/haproxy.cfg', text }], { env: {}, cwd });
}

const bind = (words: string, global = ''): HaproxyConfig =>
  config(`global\n${global}\nfrontend f\n bind :1 ssl ${words}\n`);
/** `/link` leads to `/start`. */
const realpath = (path: string): string => path.replace(/^\/link\//, '/start/');

describe('candidateNames', () => {
  it.each<[string, string]>([
    ['crt certs/a.pem', 'certs/a.pem'],
    ['crt ./certs//a.pem', './certs//a.pem'],
    ['crt /start/certs/a.pem', '/start/certs/a.pem'],
    ['crt certs', 'certs/a.pem'],
    ['crt ./certs///', './certs/a.pem'],
    ['crt certs/../certs/', 'certs/../certs/a.pem'],
    ['crt /other crt /start/certs/', '/start/certs/a.pem'],
    ['crt /start/certs/a.pem crt certs/a.pem', '/start/certs/a.pem'],
  ])('begin with the name that %s gives', (words, name) => {
    expect(candidateNames(bundle, bind(words), cwd)[0]).toBe(name);
  });

  it('begin with crt-base as HAProxy joins it', () => {
    const names = (words: string, global: string): string | undefined =>
      candidateNames(bundle, bind(words, global), cwd)[0];
    expect(names('crt a.pem', ' crt-base /start/certs/')).toBe('/start/certs//a.pem');
    expect(names('crt certs/', ' crt-base /start')).toBe('/start/certs/a.pem');
    expect(names('crt .', ' crt-base certs')).toBe('certs/./a.pem');
  });

  it('follow default-path', () => {
    const names = candidateNames('/etc/haproxy/certs/a.pem', bind('crt certs/', ' default-path config'), cwd);
    expect(names[0]).toBe('certs/a.pem');
    expect(candidateNames(bundle, bind('crt certs/', ' default-path config'), cwd)[0]).toBe(bundle);
  });

  it('are those of a store first', () => {
    const store =
      'crt-store web\n crt-base /start/certs\n load crt a.pem alias shop\nfrontend f\n bind :1 ssl crt certs\n';
    expect(candidateNames(bundle, config(store), cwd).slice(0, 2)).toEqual(['@web/shop', 'certs/a.pem']);
  });

  it('are those of a key type where only the common part is named', () => {
    const found = candidateNames('/start/certs/a.pem.ecdsa', bind('crt certs/a.pem'), cwd);
    expect(found[0]).toBe('certs/a.pem.ecdsa');
  });

  it('are those of a crt-list that is given', () => {
    const lists = new Map([
      ['l.txt', [{ certificate: '/x.pem' }, { certificate: './a.pem' }, { certificate: '@a/b' }]],
    ]);
    const found = bind('crt-list l.txt', ' crt-base certs');
    expect(candidateNames(bundle, found, cwd, { crtLists: lists })[0]).toBe('certs/./a.pem');
    expect(candidateNames(bundle, bind('crt-list m.txt'), cwd, { crtLists: lists })[0]).toBe(bundle);
  });

  it('end with those that any crt-list may give', () => {
    expect(candidateNames(bundle, bind('crt-list l.txt', ' crt-base /start/'), cwd)).toEqual([
      bundle,
      '/start//certs/a.pem',
      'certs/a.pem',
    ]);
    expect(candidateNames('/else/a.pem', bind('crt certs/'), cwd)).toEqual(['/else/a.pem']);
  });

  it('come through symbolic links', () => {
    expect(candidateNames('/link/certs/a.pem', bind('crt certs'), cwd)[0]).toBe('/link/certs/a.pem');
    expect(candidateNames('/link/certs/a.pem', bind('crt certs'), cwd, { realpath })[0]).toBe('certs/a.pem');
    expect(candidateNames(bundle, bind('crt /link/certs'), cwd, { realpath })[0]).toBe('/link/certs/a.pem');
    expect(candidateNames(bundle, bind('crt /link/certs/a.pem'), cwd, { realpath })[0]).toBe('/link/certs/a.pem');
  });
});

describe('listsHolding', () => {
  const lists = ['certs', './certs', '/start/certs', '/start', 'certs/a.pem', '/link/certs', '/start/list.txt'];

  it('gives the directories of the file, and the list that it is', () => {
    expect(listsHolding('/start/certs/b.pem', lists, cwd)).toEqual(['certs', './certs', '/start/certs']);
    expect(listsHolding('/start/certs/b.pem', lists, cwd, { realpath })).toEqual([
      ...['certs', './certs', '/start/certs', '/link/certs'],
    ]);
    expect(listsHolding('/start/list.txt', ['list.txt', '/start/list.txt', 'certs'], cwd)).toEqual([
      ...['list.txt', '/start/list.txt'],
    ]);
    expect(listsHolding('/start/certs/b.pem', lists, '/')).toEqual(['/start/certs']);
  });
});

describe('bindsServing', () => {
  const text = [
    'crt-store\n load crt certs/a.pem alias a',
    'frontend f',
    ' bind :1 ssl crt certs/a.pem',
    ' bind :2 ssl crt other crt certs/',
    ' bind :3 ssl crt @/a',
    ' bind :4 ssl crt-list lists/l.txt',
    ' bind :5 ssl crt certs/b.pem crt other crt @/b crt-list m.txt',
    ' bind :6 crt certs',
  ];
  const lines = (crtList: string | undefined, options = {}): readonly number[] =>
    bindsServing(bundle, crtList, config(text.join('\n')), options).map(({ line }) => line);

  it('gives those that load the bundle by file, directory or store, and those of the crt-list', () => {
    expect(lines(undefined)).toEqual([4, 5, 6]);
    expect(lines('/start/lists/l.txt')).toEqual([4, 5, 6, 7]);
    expect(lines('/link/lists/l.txt', { realpath })).toEqual([4, 5, 6, 7]);
    expect(lines('/start/l.txt')).toEqual([4, 5, 6]);
  });

  it('looks into crt-lists that are given', () => {
    const crtLists = new Map([
      ['lists/l.txt', [{ certificate: '@/a' }]],
      ['m.txt', [{ certificate: 'certs/b.pem' }]],
    ]);
    expect(lines(undefined, { crtLists })).toEqual([4, 5, 6, 7]);
  });
});
