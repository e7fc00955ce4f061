import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['build/', 'dist/', 'bench/out/', 'examples/out/', 'src/kernels/wasm/embedded/']),
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    rules: {
      'no-undef': 'off', // tsc and asc know what exists
      eqeqeq: 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_$' }],
    },
  },
  {
    files: ['assembly/**'],
    rules: {
      eqeqeq: 'off', // AssemblyScript has types at run time, and === means identity there
      'no-loss-of-precision': 'off',
      // A driver calls every formula with the same arguments, whether the formula needs them or not.
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
    },
  },
);
