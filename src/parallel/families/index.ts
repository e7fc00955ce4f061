/** The families whose jobs can be cut up, by the names that threads know them by. */
import type { Work } from '../../work.js';
import { ctc } from './ctc.js';
import { domain } from './domain.js';
import { embedding } from './embedding.js';
import type { Described, Family } from './family.js';
import { pointwise } from './pointwise.js';
import { rows } from './rows.js';

export type FamilyName = 'pointwise' | 'rows' | 'embedding' | 'ctc' | 'domain';

/** What working threads need of each. */
export const families: Readonly<Record<FamilyName, Pick<Family, 'terms' | 'run'>>> = {
  pointwise,
  rows,
  embedding,
  ctc,
  domain,
};

/** The job as data; null where it is not worth cutting. */
export function describe(work: Exclude<Work, { family: 'linear' }>): Described | null {
  switch (work.family) {
    case 'pointwise':
      return pointwise.describe(work);
    case 'rows':
      return rows.describe(work);
    case 'embedding':
      return embedding.describe(work);
    case 'ctc':
      return ctc.describe(work);
  }
}
