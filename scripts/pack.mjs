/**
 * The four builds of a module as one deflate stream, in turns of about 4 KB: what is the same in two builds is then near enough for deflate, whose
 * window is 32 KB (a quarter less than each by itself). src/kernels/wasm/builds.ts undoes it.
 */
import { deflateRawSync } from 'node:zlib';

const TURN = 4096;

export function pack(builds) {
  const turns = Math.ceil(Math.max(...builds.map(({ length }) => length)) / TURN);
  const parts = [];
  for (let i = 0; i < turns; i++) {
    for (const build of builds) {
      const at = (turn) => Math.floor((build.length * turn) / turns);
      parts.push(build.subarray(at(i), at(i + 1)));
    }
  }
  return deflateRawSync(Buffer.concat(parts), { level: 9, memLevel: 9 });
}
