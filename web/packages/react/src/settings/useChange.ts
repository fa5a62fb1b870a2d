import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Client } from '../api/client'
import { useClient, useReport } from '../provider'

/** useChange makes a change, and reads what it changes again. */
export function useChange<In, Out>(changes: string[], change: (client: Client, input: In) => Promise<Out>) {
  const client = useClient()
  const report = useReport()
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (input: In) => change(client, input),
    onSuccess: () => Promise.all(changes.map((key) => cache.invalidateQueries({ queryKey: [key] }))),
    onError: (error) => report(error),
  })
}
