export const nameWidth = 14;

/** Columns as wide as they have to be; names to the left, figures to the right, and words behind them to the left. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  widths[0] = Math.max(widths[0]!, nameWidth);
  return rows.map(row => {
    const cells = row.map((cell, column) => {
      // remarks have no heading, and stand behind the figures
      return column === 0 || rows[0]![column] === '' ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
    });
    return cells.join('  ').trimEnd();
  });
}
