/** The picture library, loaded when a picture is first made: a quiet segment needs none, and it takes 40 ms. */
export async function loadSharp(): Promise<typeof import('sharp')['default']> {
  const { default: sharp } = await import('sharp');
  sharp.concurrency(1);
  return sharp;
}
