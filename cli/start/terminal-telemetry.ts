import type { Telemetry } from '../../core/ports';

/** What a handler would log, as lines for people; metrics are what `start` shows anyway. */
export function terminalTelemetry(say: (line: string) => void): Telemetry {
  return {
    count: () => {},
    log: (level, message, fields) => {
      // Quarantine has a line of its own, with its reason.
      if (level === 'info' || message === 'quarantined') return;
      const details = Object.entries(fields).map(([name, value]) => `${name} ${String(value)}`);
      say(`${message}: ${details.join(', ')}`);
    },
  };
}
