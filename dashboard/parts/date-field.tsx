import { useState } from 'react';
import { isDay } from '../logic/event-filters';

/** A day that may be typed: part by part it is many other days, and years of one digit, before it is the one meant. */
export function DateField({
  label,
  isLabelShown = false,
  value,
  min,
  max,
  onDay,
}: {
  readonly label: string;
  readonly isLabelShown?: boolean;
  /** `2026-11-20` */
  readonly value: string;
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly onDay: (day: string) => void;
}) {
  const [typed, setTyped] = useState({ over: value, text: value });
  return (
    <label className="choice">
      <span className={isLabelShown ? 'choice-label' : 'unseen'}>{label}</span>
      <input
        type="date"
        value={typed.over === value ? typed.text : value}
        min={min}
        max={max}
        onBlur={() => setTyped({ over: value, text: value })}
        onChange={({ target }) => {
          setTyped({ over: value, text: target.value });
          if (isDay(target.value)) onDay(target.value);
        }}
      />
    </label>
  );
}
