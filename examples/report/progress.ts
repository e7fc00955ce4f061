/** What the user sees while it runs: on a terminal a line that changes in place, elsewhere only whole lines. */
export class Progress {
  private readonly inPlace = process.stdout.isTTY === true;
  private shown = 0;

  constructor(private readonly labelWidth: number) {}

  update(text: string): void {
    if (!this.inPlace || performance.now() - this.shown < 50) return;
    this.shown = performance.now();
    process.stdout.write(`\r\x1b[K  ${text.slice(0, (process.stdout.columns || 80) - 3)}`);
  }

  clear(): void {
    if (this.inPlace) process.stdout.write('\r\x1b[K');
  }

  /** The mean training loss before the first epoch and in each; of a long training only some of them. */
  line(label: string, losses: number[], milliseconds: number): void {
    const every = Math.max(1, Math.ceil((losses.length - 1) / 8));
    const shown = losses.filter((_, epoch) => epoch % every === 0 || epoch === losses.length - 1);
    const series = shown.map((loss) => loss.toPrecision(3)).join(' ');
    this.clear();
    console.log(`  ${label.padEnd(this.labelWidth)}  ${series}  (${(milliseconds / 1000).toFixed(1)} s)`);
  }
}
