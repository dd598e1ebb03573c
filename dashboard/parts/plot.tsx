import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { useWidth } from './day-timeline';
import { hueOf } from './snapshot';

export interface PlotProps {
  /** What is shown, for those who can’t see it. */
  readonly label: string;
  /** Start of each column: seconds since 1970, or a plain number. */
  readonly x: readonly number[];
  /** From the bottom up; each is the sum of itself and those below. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
  readonly timezone?: string;
  readonly xLabelOf?: (value: number) => string;
  readonly yLabelOf?: (value: number) => string;
  readonly heightPx?: number;
}

/** Columns over time or a scale; the numbers are in a table beside it. */
export function Plot({ heightPx = 200, ...props }: PlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const widthPx = useWidth(frame);
  const latest = useRef(props);
  latest.current = props;
  const shape = JSON.stringify([props.x, props.series, props.timezone]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn again when what it shows changes
  useEffect(() => {
    const element = frame.current!;
    let plot = draw(element, latest.current, { widthPx, heightPx });
    const again = (): void => {
      plot.destroy();
      plot = draw(element, latest.current, { widthPx, heightPx });
    };
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', again);
    window.addEventListener('themechange', again);
    return () => {
      scheme.removeEventListener('change', again);
      window.removeEventListener('themechange', again);
      plot.destroy();
    };
  }, [shape, widthPx, heightPx]);
  return (
    <figure className="plot">
      <div ref={frame} role="img" aria-label={props.label} style={{ minHeight: heightPx }} />
    </figure>
  );
}

function draw(
  element: HTMLElement,
  { x, series, timezone, xLabelOf, yLabelOf }: Omit<PlotProps, 'heightPx'>,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): UPlot {
  const ink = colour(element, '--ink-quiet');
  const line = colour(element, '--line');
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const bars = UPlot.paths.bars!({ size: [0.8, 48], gap: 1 });
  const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const isTime = xLabelOf === undefined;
  const options: UPlot.Options = {
    width: widthPx,
    height: heightPx,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    ...(timezone ? { tzDate: (at) => UPlot.tzDate(new Date(at * 1000), timezone) } : {}),
    scales: {
      x: { time: isTime, range: rangeOf(x) },
      y: { range: (_, __, top) => [0, top > 0 ? top * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        ...(xLabelOf
          ? {
              incrs: [1, 2, 3, 4, 6, 12, 24],
              space: 44,
              values: (_: UPlot, values: number[]) => values.map(xLabelOf),
            }
          : {}),
        ...(isTime
          ? {
              values: [
                [86_400, '{D} {MMM}', null, null, null, null, null, null, 1],
                [3600, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
                [60, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
              ],
            }
          : {}),
      },
      {
        ...axis,
        size: 56,
        ...(yLabelOf ? { values: (_, values) => values.map(yLabelOf) } : {}),
      },
    ],
    // Taller columns are drawn first: those in front hide their lower part.
    series: [
      {},
      ...series.toReversed().map(({ name }) => ({
        label: name,
        paths: bars,
        fill: colour(element, `--hue-${hueOf(name)}`),
        width: 0,
        points: { show: false },
      })),
    ],
  };
  const data = [x, ...series.toReversed().map(({ values }) => values)];
  return new UPlot(options, data as unknown as UPlot.AlignedData, element);
}

/** Half a column of room at each side. */
function rangeOf(x: readonly number[]): [number, number] {
  const step = x.length > 1 ? x[1]! - x[0]! : 3600;
  return [(x[0] ?? 0) - step / 2, (x.at(-1) ?? 1) + step / 2];
}

/** A custom property of the style sheet as the browser works it out for the canvas. */
function colour(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
