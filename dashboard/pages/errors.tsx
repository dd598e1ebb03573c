import { useEffect } from 'react';
import text from '../../docs/errors.md?raw';
import { type ErrorPage, errorPages, type Inline } from '../logic/error-pages';
import { formatRoute } from '../logic/route';
import { Empty } from '../parts/notes';

const PAGES = errorPages(text);

/** docs/errors.md: what each code means and how to fix it. */
export default function ErrorsPage({ code }: { readonly code: string | null }) {
  useEffect(() => {
    if (code) document.getElementById(`error-${code}`)?.scrollIntoView();
  }, [code]);
  const isKnown = code === null || PAGES.some((page) => page.code === code);
  return (
    <>
      <header className="page-head">
        <h1>Errors</h1>
      </header>
      {!isKnown && (
        <Empty title={`No error has the code “${code}”.`}>
          <p>It may be of a newer or older Tierwatch than this page.</p>
        </Empty>
      )}
      <div className="errors">
        {PAGES.map((page) => (
          <One key={page.code} page={page} isAsked={page.code === code} />
        ))}
      </div>
    </>
  );
}

function One({ page, isAsked }: { readonly page: ErrorPage; readonly isAsked: boolean }) {
  return (
    <section id={`error-${page.code}`} className={isAsked ? 'is-asked' : ''}>
      <h2>
        <a href={formatRoute({ page: 'errors', path: [page.code] })}>
          <code>{page.code}</code>
        </a>
      </h2>
      {page.paragraphs.map((paragraph, index) => (
        // Paragraphs have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <p key={index}>
          {paragraph.map((one, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <Word key={place} {...one} />
          ))}
        </p>
      ))}
    </section>
  );
}

function Word({ kind, text: word }: Inline) {
  if (kind === 'code') return <code>{word}</code>;
  if (kind === 'strong') return <strong>{word}</strong>;
  if (kind === 'stress') return <em>{word}</em>;
  return word;
}
