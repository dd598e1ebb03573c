/** `1 segment`, `2 segments`; thousands are set apart. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** A length of time in its two largest units: `43 s`, `2 min 5 s`, `3 h 20 min`, `4 days 2 h`. */
export function durationOf(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), whole >= 2 * 86_400 ? 'days' : 'day'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** Seconds of work: a tenth of one tells something too. */
export function workOf(seconds: number): string {
  return seconds < 10 ? `${Number(seconds.toFixed(1))} s` : durationOf(seconds);
}

/** Dollars with as many digits as tell something: `$1,234`, `$1.92`, `$0.0004`. */
export function usd(amount: number): string {
  const size = Math.abs(amount);
  const digits = size >= 100 ? 0 : size >= 0.01 || size === 0 ? 2 : 6;
  const text = size.toLocaleString('en', {
    minimumFractionDigits: Math.min(2, digits),
    maximumFractionDigits: digits,
  });
  return `${amount < 0 ? '−' : ''}$${text}`;
}

/** Bytes in decimal units: `820 B`, `1.4 MB`. */
export function bytes(amount: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = amount < 1 ? 0 : Math.min(4, Math.floor(Math.log10(amount) / 3));
  const value = amount / 1000 ** power;
  return `${value.toLocaleString('en', { maximumFractionDigits: value < 10 && power > 0 ? 1 : 0 })} ${units[power]}`;
}

/** `87 %` of a ratio 0–1. */
export function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
