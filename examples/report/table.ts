/** Prints rows under a header: the first column and the last are words, aligned left; all between are numbers. */
export function printTable(header: string[], rows: string[][]): void {
  const last = header.length - 1;
  const widths = header.map((head, c) => Math.max(head.length, ...rows.map((row) => row[c].length)));
  const format = (row: string[]): string =>
    row
      .map((cell, c) => (c === 0 || c === last ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd();
  console.log(`\n  ${format(header)}`);
  console.log(`  ${widths.map((width) => '─'.repeat(width)).join('  ')}`);
  for (const row of rows) console.log(`  ${format(row)}`);
}
