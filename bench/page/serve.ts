/** `npm run bench:page -- [--port 8080] [--not-isolated]`: builds the bench page and serves it until it is stopped. */
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { buildPage, servePage } from './server.js';

const { values: flags } = parseArgs({
  options: { port: { type: 'string', default: '8080' }, 'not-isolated': { type: 'boolean', default: false } },
});

await buildPage();
const server = await servePage({ isolated: !flags['not-isolated'], port: Number(flags.port) });
console.log(`http://localhost:${(server.address() as AddressInfo).port}/`);
