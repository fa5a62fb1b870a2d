/** How long to wait at most, in ms: what is hidden is not painted. */
const longest = 200

/** Waits until the page is painted as the server sent it: what loads before that keeps the user from seeing it. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    new PerformanceObserver(() => resolve()).observe({ type: 'paint', buffered: true })
    setTimeout(resolve, longest)
  })
}
