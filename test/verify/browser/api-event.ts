/** An event as the api tells it. */
export function apiEvent(camera: string) {
  return {
    id: 'a'.repeat(32),
    camera,
    className: 'person',
    zone: 'frame',
    startedAt: '2026-11-02T08:00:00.000Z',
    endedAt: '2026-11-02T08:00:05.000Z',
    isStationary: false,
    isOpen: false,
    peakCount: 1,
    bestConfidence: 0.9,
    snapshotKey: null,
    segmentKeys: [],
  };
}

/** One whose names hold markup. */
export function markedUp(camera: string) {
  return {
    ...apiEvent(camera),
    className: '<script>wasHurt=2</script>',
    zone: '"><img src=x onerror=window.wasHurt=3>',
  };
}
