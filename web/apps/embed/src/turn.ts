/** Lets the browser do what waits, such as to answer the user, before what comes next. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}
