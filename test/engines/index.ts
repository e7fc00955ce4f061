/** The engines that the tests run in, one after the other: each takes all that two cores have. */
import { chromium } from './chromium.js';
import type { Engine } from './engine.js';
import { firefox } from './firefox.js';
import { webkit } from './webkit.js';

export const engines: readonly Engine[] = [chromium, firefox, webkit];
export type { Engine, Page, Running } from './engine.js';
