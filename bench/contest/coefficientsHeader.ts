/** assembly/coefficients.ts as a C header, for the native contender: the float32 numbers that its vector.h names. */
import { readFileSync } from 'node:fs';

const NAMES = 'EXP_MIN LOG2E MAGIC LN2_HI LN2_LO E2 E3 E4 E5 E6 SLIGHT U1 U2 U3 U4'.split(' ');

export function coefficientsHeader(): string {
  const source = readFileSync(new URL('../../assembly/coefficients.ts', import.meta.url), 'utf8');
  const places = /enum K \{([^]*?)\n\}/
    .exec(source)![1]
    .replace(/\/\*\*[^]*?\*\//g, '')
    .split(',')
    .map((name) => name.trim());
  const numbers = /memory\.data<f32>\(\s*\[([^]*?)\]/.exec(source)![1].split(',').map(Number);
  const lines = NAMES.map((name) => {
    const number = numbers[places.indexOf(name)];
    if (!Number.isFinite(number) || Math.fround(number) !== number)
      throw new Error(`assembly/coefficients.ts: ${name} is ${number}, expected a float32 number`);
    return `#define C_${name} ${number.toExponential(9)}f`;
  });
  return `/* Made from assembly/coefficients.ts. */\n${lines.join('\n')}\n`;
}
