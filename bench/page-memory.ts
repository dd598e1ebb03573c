import type { BareBrowser, BarePage } from './bare-browser';

/** Of a page's process, by Chromium's own account (memory-infra). */
export interface Memory {
  /** What Chromium's task manager calls the page's memory: its process's private pages, Chromium's own included. */
  readonly footprintBytes: number;
  /** Of script, after a collection. */
  readonly heapBytes: number;
  /** Decoded pictures, which Chromium keeps in discardable memory up to a limit of its own. */
  readonly pictureBytes: number;
  /** What else the process holds, by allocator. */
  readonly byAllocator: Readonly<Record<string, number>>;
}

const ALLOCATORS = ['v8', 'partition_alloc', 'malloc', 'blink_gc', 'cc/tile_memory', 'web_cache'];

/** Of the largest process that has a page: there is no other page in the browser that does anything. */
export async function memoryOfPage(browser: BareBrowser, page: BarePage): Promise<Memory> {
  await page.send('HeapProfiler.collectGarbage');
  const { usedSize } = await page.send<{ usedSize: number }>('Runtime.getHeapUsage');
  const dumps = rendererDumps(await memoryDump(browser));
  const [largest] = dumps.toSorted((one, other) => other.footprintBytes - one.footprintBytes);
  return { heapBytes: usedSize, ...largest! };
}

/** Events of a trace that has one dump of the memory of each process, as JSON. */
async function memoryDump(browser: BareBrowser): Promise<string> {
  await browser.send('Tracing.start', {
    transferMode: 'ReturnAsStream',
    traceConfig: { includedCategories: ['disabled-by-default-memory-infra'] },
  });
  await browser.send('Tracing.requestMemoryDump', { levelOfDetail: 'detailed' });
  const ended = browser.next<{ stream: string }>('Tracing.tracingComplete');
  await browser.send('Tracing.end');
  const { stream: handle } = await ended;
  for (let text = ''; ; ) {
    const { data, eof } = await browser.send<{ data: string; eof: boolean }>('IO.read', { handle });
    text += data;
    if (eof) return text;
  }
}

interface Dump {
  readonly process_totals?: { readonly private_footprint_bytes?: string };
  readonly allocators?: Readonly<
    Record<string, { readonly attrs?: { readonly size?: { value: string } } }>
  >;
}

interface TraceEvent {
  readonly ph: string;
  readonly pid: number;
  readonly name: string;
  readonly args: { readonly name?: string; readonly dumps?: Dump };
}

/** Sizes are hexadecimal, and a process has its totals and its allocators in events of their own. */
function rendererDumps(trace: string): Omit<Memory, 'heapBytes'>[] {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: readonly TraceEvent[] };
  const renderers = traceEvents
    .filter(({ name, args }) => name === 'process_name' && args.name === 'Renderer')
    .map(({ pid }) => pid);
  return [...new Set(renderers)].map((pid) => {
    const dumps = traceEvents.flatMap((one) =>
      one.ph === 'v' && one.pid === pid ? (one.args.dumps ?? []) : [],
    );
    const largest = (sizeOf: (dump: Dump) => string | undefined): number =>
      Math.max(0, ...dumps.map((dump) => Number.parseInt(sizeOf(dump) ?? '0', 16)));
    const sizeOf = (name: string): number =>
      largest(({ allocators }) => allocators?.[name]?.attrs?.size?.value);
    return {
      footprintBytes: largest((dump) => dump.process_totals?.private_footprint_bytes),
      pictureBytes: sizeOf('cc/image_memory'),
      byAllocator: Object.fromEntries(ALLOCATORS.map((name) => [name, sizeOf(name)])),
    };
  });
}

/** A line a page. @param empty beside it */
export function printMemory(memory: Memory, empty: Memory): void {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log('\nmemory after it           process   of it script   pictures that may be dropped');
  for (const [name, one] of Object.entries({ Now: memory, 'about:blank': empty })) {
    const { footprintBytes, heapBytes, pictureBytes, byAllocator } = one;
    console.log(
      `${name.padEnd(22)}${[footprintBytes, heapBytes, pictureBytes].map((bytes) => megabytes(bytes).padStart(11)).join('')}`,
    );
    const parts = Object.entries(byAllocator).map(([part, bytes]) => `${part} ${megabytes(bytes)}`);
    console.log(`  ${parts.join(', ')}`);
  }
}
