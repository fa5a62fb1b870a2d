import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ExtractorError } from '../api/error'
import { ended, follow } from '../api/events'
import type { Schemas } from '../api/types'
import { upload as send } from '../api/upload'
import { useClient, useReport } from '../provider'
import type { Completed } from './ExtractorUpload'

/** The types that the API extracts from. */
export const accepted = ['application/pdf', 'image/jpeg', 'image/png', 'image/webp']
/** Bytes; the API takes no larger file. */
export const maxSize = 10 * 1024 * 1024
/** The type that a folder has (freedesktop.org's shared MIME-info database). */
export const folder = 'inode/directory'
/** At most this many go up at once. */
const atOnce = 3

export interface Upload {
  /** Names the upload, also to the API: sent again, it is the same one. */
  key: string
  file: File
  /** The share that was sent, 0 to 1. */
  sent: number
  extractionId?: string
  status?: Schemas['Status']
  error?: unknown
  refused?: 'uploadTooLarge' | 'uploadEmpty' | 'uploadFolder'
}

/** Keeps the files of this visit: sends them and follows their extractions. */
export function useUploads(onComplete: (completed: Completed) => void) {
  const client = useClient()
  const report = useReport()
  const queries = useQueryClient()
  const [uploads, setUploads] = useState<Upload[]>([])
  const running = useRef(new Map<string, AbortController>())
  const complete = useRef(onComplete)
  useEffect(() => {
    complete.current = onComplete
  })
  const change = useCallback((key: string, fields: Partial<Upload>) => {
    setUploads((all) => all.map((u) => (u.key === key ? { ...u, ...fields } : u)))
  }, [])

  const run = useCallback(async (u: Upload, signal: AbortSignal) => {
    try {
      const id = u.extractionId ?? (await send(client, u.file, u.key, (sent) => change(u.key, { sent }), signal)).extractionId
      change(u.key, { sent: 1, extractionId: id, status: 'uploaded' })
      await follow(client, id, ({ status, error }) => {
        change(u.key, { status })
        if (!ended(status)) return
        void queries.invalidateQueries({ queryKey: ['extractions'] }) // a list may stand beside
        complete.current({ extractionId: id, fileName: u.file.name, fileType: u.file.type, status, error })
      }, signal)
    } catch (error) {
      if (signal.aborted) return
      change(u.key, { error })
      report(error)
      if (!(error instanceof ExtractorError) || !error.recoverable) return
      setTimeout(() => { // sent again under its key, it is the same upload
        if (running.current.get(u.key)?.signal !== signal) return
        running.current.delete(u.key)
        change(u.key, { error: undefined })
      }, (error.retryAfter ?? 5) * 1000)
    }
  }, [client, change, report, queries])

  useEffect(() => {
    const idle = (u: Upload) => !u.error && !u.refused && !running.current.has(u.key)
    const sending = uploads.filter((u) => running.current.has(u.key) && !u.extractionId && !u.error).length
    for (const u of uploads.filter(idle).slice(0, Math.max(0, atOnce - sending))) {
      const control = new AbortController()
      running.current.set(u.key, control)
      void run(u, control.signal)
    }
  }, [uploads, run])
  useEffect(() => {
    const all = running.current
    return () => {
      for (const control of all.values()) control.abort()
      all.clear()
    }
  }, [])

  const add = useCallback((files: File[]) => {
    setUploads((all) => [...files.map((file): Upload => ({ key: crypto.randomUUID(), file, sent: 0, refused: refusal(file) })), ...all])
  }, [])
  const remove = useCallback((key: string) => {
    running.current.get(key)?.abort()
    running.current.delete(key)
    setUploads((all) => all.filter((u) => u.key !== key))
  }, [])
  const retry = useCallback((key: string) => {
    running.current.delete(key)
    change(key, { error: undefined, sent: 0 })
  }, [change])
  /** Follows another extraction of the same file. */
  const replace = useCallback((extractionId: string, by: string) => {
    const upload = uploads.find((u) => u.extractionId === extractionId)
    if (!upload) return
    running.current.get(upload.key)?.abort()
    running.current.delete(upload.key)
    change(upload.key, { extractionId: by, status: 'uploaded', error: undefined })
  }, [uploads, change])
  return { uploads, add, remove, retry, replace }
}

function refusal(file: File): Upload['refused'] {
  if (file.type === folder) return 'uploadFolder'
  if (file.size > maxSize) return 'uploadTooLarge'
  return file.size === 0 ? 'uploadEmpty' : undefined
}
