import { Component, type ReactNode } from 'react';
import { Empty } from './notes';

/** Keeps a fault of one page to that page, and says so; another page begins anew. */
export class FaultBoundary extends Component<
  { readonly children: ReactNode },
  { readonly fault: Error | null }
> {
  override readonly state: { fault: Error | null } = { fault: null };

  static getDerivedStateFromError(fault: Error): { fault: Error } {
    return { fault };
  }

  override render(): ReactNode {
    const { fault } = this.state;
    if (!fault) return this.props.children;
    return (
      <Empty title="This page has failed; the cameras and their footage have not.">
        <p>
          <code>{fault.message}</code>
        </p>
        <p className="actions">
          <button
            type="button"
            className="button is-main"
            onClick={() => this.setState({ fault: null })}
          >
            Show it again
          </button>
        </p>
      </Empty>
    );
  }
}
