/** How much of the most there is. @param ratio 0–1 */
export function Bar({ ratio }: { readonly ratio: number }) {
  return (
    <span className="bar" aria-hidden="true">
      <span style={{ width: `${ratio * 100}%` }} />
    </span>
  );
}
