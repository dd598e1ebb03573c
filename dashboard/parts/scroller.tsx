import type { ReactNode } from 'react';

/** A piece of the page that scrolls by itself: named, and within reach of a keyboard. */
export function Scroller({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls what has the focus
    <section className="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

/** Lines to copy, which may be longer than there is room. */
export function Lines({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ReactNode;
}) {
  return (
    <Scroller label={label}>
      <pre className="yaml">{children}</pre>
    </Scroller>
  );
}
