const PATHS = {
  play: 'M4 2.5v11l9-5.5z',
  pause: 'M4 2.5h3v11H4zM9 2.5h3v11H9z',
  rewind: 'M8 2.5v11L1 8zM15 2.5v11L8 8z',
  previous: 'M3 2.5h2v11H3zM13 2.5v11L6 8z',
  full: 'M2 2h5v2H4v3H2zM9 2h5v5h-2V4H9zM2 9h2v3h3v2H2zM12 9h2v5H9v-2h3z',
  next: 'M11 2.5h2v11h-2zM3 2.5v11L10 8z',
} as const;

/** A sign beside words, or with them unseen. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
