import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { ended, follow } from '../api/events'
import type { Extraction } from '../api/types'
import { useClient, useReport } from '../provider'

/** Reads an extraction, and again with each change until it has ended. */
export function useExtraction(id: string) {
  const client = useClient()
  const report = useReport()
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: ['extraction', id],
    queryFn: ({ signal }) => client.call<Extraction>(`/extractions/${id}`, { signal }),
  })
  const running = query.data !== undefined && !ended(query.data.status)
  useEffect(() => {
    if (!running) return
    const control = new AbortController()
    const refresh = () => void queries.invalidateQueries({ queryKey: ['extraction', id] })
    follow(client, id, refresh, control.signal).catch(report)
    return () => control.abort()
  }, [client, id, queries, report, running])
  return query
}
