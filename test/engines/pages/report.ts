/** How a page tells the test what it found: as text, which every driver can read under every content security policy. */
export async function tell<R extends object>(find: (report: Partial<R>) => Promise<void>): Promise<void> {
  const report: Partial<R> & { thrown?: string } = {};
  try {
    await find(report);
  } catch (error) {
    report.thrown = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
  }
  const shown = document.createElement('pre');
  shown.textContent = JSON.stringify(report);
  document.body.append(shown);
}
