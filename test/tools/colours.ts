/** The contrast of two colours as `#rgb` or `#rrggbb` (WCAG 2.2, 1.4.3): 1 to 21. */
export function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const parts =
    colour.length === 4 ? [...colour.slice(1)].map(part => part + part) : (colour.slice(1).match(/../g) ?? []);
  const [red, green, blue] = parts.map(part => {
    const value = Number.parseInt(part, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
