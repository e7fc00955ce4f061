/** The README tells the truth: its tables and output are those of the package, its examples run, its links lead somewhere. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as losskit from '../src/index.js';
import { requireDist } from './support/child.js';
import { losses } from './support/library.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });

const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

test('tables, output and benchmark are up to date', () => {
  requireDist();
  const { status, stderr } = node('scripts/readme.mjs', '--check');
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('every loss with every option of its own is in the table', () => {
  const rows = read('README.md').split('\n');
  for (const [name, loss] of Object.entries(losses)) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\``));
    for (const { name: option } of loss.parameters) expect(row, name).toContain(`\`${option}\``);
  }
});

test('every name that the migration table ends on is exported', () => {
  const section = /^## Migrat[^]*?(?=^## )/m.exec(read('README.md'))![0];
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('|'));
  const names = rows.map((line) => /`(\w+)` *\|$/.exec(line)?.[1] ?? `no name in: ${line}`);
  for (const name of names) expect((losskit as Record<string, unknown>)[name], name).toBeTypeOf('function');
  // Every loss but those that no other library has is in it.
  const absent = Object.keys(losses).filter((name) => !names.includes(name));
  expect(absent).toEqual(['quantileLoss']);
});

const examples = [...read('README.md').matchAll(/^```js\n([^]*?)^```/gm)].map(([, code]) => code!);

test('there are examples', () => expect(examples.length).toBeGreaterThan(3));

/** What TensorFlow.js says of itself in Node. */
const greeting = /\n=+\nHi, looks like you are running TensorFlow.js in Node.js[^]*?\n=+\n/;

test.each(examples)('an example runs: %#', (code) => {
  const { status, stderr } = node('--input-type=module', '--eval', code);
  expect(stderr.replace(greeting, '')).toBe('');
  expect(status).toBe(0);
});

test.each(documents)('the links of %s lead somewhere', (name) => {
  const text = read(name);
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replace(/ /g, '-'),
  );
  for (const [, link] of text.matchAll(/\]\(([^)]+)\)/g)) {
    if (link!.startsWith('#')) expect(anchors).toContain(link!.slice(1));
    else if (!/^https?:/.test(link!))
      expect(existsSync(new URL(`../${link}`, import.meta.url)), link).toBe(true);
  }
});

test.each(documents)('the files and commands that %s names are there', (name) => {
  const text = read(name);
  for (const [, path] of text.matchAll(/`((?:src|test|bench|assembly|scripts|examples|docs)\/[\w/.-]*)`/g)) {
    if (path!.includes('logCosh')) continue; // the one to be added
    expect(existsSync(new URL(`../${path}`, import.meta.url)), path).toBe(true);
  }
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty([script!]);
});
