/** What docs/errors.md says of a code. */
export interface ErrorPage {
  readonly code: string;
  /** Paragraphs, each of words that may be `code`, **strong** or _stressed_. */
  readonly paragraphs: readonly (readonly Inline[])[];
}

export interface Inline {
  readonly kind: 'text' | 'code' | 'strong' | 'stress';
  readonly text: string;
}

const MARK = /`([^`]+)`|\*\*([^*]+)\*\*|_([^_]+)_|\[([^\]]+)\]\([^)]*\)/g;

/** The headings of docs/errors.md with their paragraphs; it has no other form of text. */
export function errorPages(markdown: string): ErrorPage[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [code = '', ...lines] = section.split('\n');
      const paragraphs = lines
        .join('\n')
        .trim()
        .split(/\n\s*\n/)
        .map((text) => inlinesOf(text.replace(/\s*\n\s*/g, ' ')));
      return { code: code.trim(), paragraphs };
    });
}

function inlinesOf(text: string): Inline[] {
  const found: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(MARK)) {
    if (match.index > from) found.push({ kind: 'text', text: text.slice(from, match.index) });
    const [whole, code, strong, stress, link] = match;
    if (code) found.push({ kind: 'code', text: code });
    else if (strong) found.push({ kind: 'strong', text: strong });
    else if (stress) found.push({ kind: 'stress', text: stress });
    else found.push({ kind: 'text', text: link! });
    from = match.index + whole.length;
  }
  if (from < text.length) found.push({ kind: 'text', text: text.slice(from) });
  return found;
}
