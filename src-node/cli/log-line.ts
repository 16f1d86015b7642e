import type { LogLevel } from '../platform/logger.js';

/** Python's names of the levels, which certbot's log has. */
const levelNames: Readonly<Record<LogLevel, string>> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
};

const continuation = '\n    ';

/** Control characters except the tab, and what Unicode has for line ends, direction and nothing at all. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const unprintable = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * A text that cannot pass for several lines or steer a terminal: the lines after its first are indented, and control
 * characters are written as escapes. What a CA or a hook says comes through here.
 */
export function printable(text: string): string {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.replace(unprintable, escapeOf))
    .join(continuation);
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** `2026-11-21 14:43:32,123:DEBUG:component:message`, the time in the machine's zone, as certbot writes it. */
export function logLine(time: number, level: LogLevel, component: string, message: string): string {
  return `${localTime(time)}:${levelNames[level]}:${component}:${message}\n`;
}

function localTime(milliseconds: number): string {
  const at = new Date(milliseconds);
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map((value) => pad(value)).join(':');
  return `${day} ${clock},${pad(at.getMilliseconds(), 3)}`;
}
