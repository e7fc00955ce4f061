/** Which engines and compilers there are: a Node that runs relaxed SIMD, a Python with PyTorch, clang. Asks each once; knows no contender's losses. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { coefficientsHeader } from './coefficientsHeader.js';
import { peersFolder } from './peerPackage.js';
import { workFolder } from './reference.js';

/** A Node and the flags that it needs. */
export interface Engine {
  readonly file: string;
  readonly flags: readonly string[];
  readonly about: string;
}

export const thisEngine: Engine = { file: process.execPath, flags: [], about: `Node ${process.version}` };

/** (func (param v128 v128 v128) (result v128) … f32x4.relaxed_madd) */
const RELAXED = '0061736d0100000001080160037b7b7b017b030201000a0d010b00200020012002fd85020b';

/** The running Node where it runs relaxed SIMD, else Node 24 by npx, else the running one under V8's flag. */
export function relaxedEngine(): Engine {
  if (WebAssembly.validate(Buffer.from(RELAXED, 'hex'))) return thisEngine;
  const script = 'process.stdout.write(process.execPath + " " + process.version)';
  const npx = spawnSync('npx', ['-y', '-p', 'node@24', 'node', '-e', script], { encoding: 'utf8' });
  const [file, version] = npx.status === 0 ? npx.stdout.trim().split('\n').pop()!.split(' ') : [];
  if (version?.startsWith('v24')) return { file, flags: [], about: `Node ${version}` };
  const flag = '--experimental-wasm-relaxed-simd';
  return { file: process.execPath, flags: [flag], about: `Node ${process.version} ${flag}` };
}

/** The first Python that has PyTorch; the one on the path may be another than Debian's. */
export function pythonWithTorch(): string | null {
  const found = ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  );
  return found ?? null;
}

/** The native kernels compiled for `target`: the program, or why there is none. */
export function nativeProgram(target: string): { program: string } | { missing: string } {
  if (spawnSync('clang', ['--version'], { stdio: 'ignore' }).status !== 0)
    return { missing: 'clang is not installed' };
  mkdirSync(workFolder, { recursive: true });
  writeFileSync(`${workFolder}coefficients.h`, coefficientsHeader());
  const program = `${workFolder}native${target}`;
  const sources = ['main.c', 'kernels.c'].map((file) => `${peersFolder}native/${file}`);
  const options = ['-O3', target, '-Wall', '-Wextra', `-I${workFolder}`, `-DTARGET="-O3 ${target}"`];
  try {
    execFileSync('clang', [...options, '-o', program, ...sources, '-lm'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    return { missing: `clang: ${String((error as { stderr?: Buffer }).stderr).split('\n')[0]}` };
  }
  return { program };
}
