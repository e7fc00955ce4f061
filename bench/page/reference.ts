/** The plain loops once more, bundled by themselves: this copy sees Float64Arrays alone, so that the engine specialises the timed one for float32. */
export * from '../baselines.js';
export * from '../baselinesPointwise.js';
