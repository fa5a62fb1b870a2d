import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import type { Call, Client } from '../api/client'
import { ExtractorError } from '../api/error'
import { useClient, useReport } from '../provider'

/**
 * useChange makes a change, and reads what it changes again. Where the answer was lost, the same input sent again is the
 * same request to the API: it is done once, and its one answer, with a secret that is shown once, comes then.
 */
export function useChange<In, Out>(changes: string[], change: (client: Pick<Client, 'call'>, input: In) => Promise<Out>) {
  const client = useClient()
  const unanswered = useRef<{ input: string; key: string }>(null)
  const keyed = (input: string) => {
    if (unanswered.current?.input !== input) unanswered.current = { input, key: crypto.randomUUID() }
    const headers = { 'Idempotency-Key': unanswered.current.key }
    return { call: <T,>(path: string, call?: Call) => client.call<T>(path, { ...call, headers }) }
  }
  const report = useReport()
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (input: In) => change(keyed(JSON.stringify(input) ?? ''), input),
    onSuccess: () => {
      unanswered.current = null
      return Promise.all(changes.map((key) => cache.invalidateQueries({ queryKey: [key] })))
    },
    onError: (error) => {
      if (!(error instanceof ExtractorError && error.recoverable)) unanswered.current = null
      report(error)
    },
  })
}
