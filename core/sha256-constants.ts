/** First 32 bits of the fractional parts of the roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3). */
function fractionBits(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) >>> 0;
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

export const SHA256_CONSTANTS: readonly number[] = primes(64).map((p) =>
  fractionBits(Math.cbrt(p)),
);
export const SHA256_START: readonly number[] = primes(8).map((p) => fractionBits(Math.sqrt(p)));
