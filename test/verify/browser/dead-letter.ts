import type { Page } from 'playwright-core';

/** Has the page be told of one dead letter, which is put back by itself. @returns bodies of what it was asked for that */
export async function tellOfDeadLetter(
  page: Page,
  of: { readonly camera: string; readonly segmentKey: string; readonly deadAt: string },
): Promise<readonly (string | null)[]> {
  const letter = {
    ...{ queue: 'detect-cpu', id: '7', ...of },
    cause: '[footage-denied] expected to read it, found access denied',
  };
  const bodies: (string | null)[] = [];
  await page.route('**/api/dead-letters?**', (route) =>
    route.fulfill({ json: { count: 1, deadLetters: [letter], redriveBy: 'letter' } }),
  );
  await page.route('**/api/dead-letters/redrive', (route) => {
    bodies.push(route.request().postData());
    return route.fulfill({ json: { redriven: 1 } });
  });
  return bodies;
}
