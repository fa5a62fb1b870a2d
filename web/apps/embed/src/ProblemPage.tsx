import { Problem } from '@extractor/react'

/** What can be wrong with a page, by the status of the answer. */
export const problems = ['unauthorized', 'forbidden', 'limited', 'server', 'refused'] as const

/** What the server answers in the place of a page. It puts its own sentence for {{message}}. */
export function ProblemPage({ kind }: { kind: (typeof problems)[number] }) {
  return <main><Problem kind={kind}><span lang="en">{'{{message}}'}</span></Problem></main>
}
