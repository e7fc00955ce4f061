/** Every kernel module that is embedded, by its name. */
import { readdirSync } from 'node:fs';
import type { KernelModule } from '../../src/kernels/wasm/builds.js';

const directory = new URL('../../src/kernels/wasm/embedded/', import.meta.url);

export const modules: Readonly<Record<string, KernelModule>> = Object.fromEntries(
  await Promise.all(
    readdirSync(directory)
      .map((file) => file.replace('.ts', ''))
      .map(async (name) => {
        const file = (await import(new URL(`${name}.ts`, directory).href)) as Record<string, KernelModule>;
        return [name, file[name]] as const;
      }),
  ),
);
