import { useQuery } from '@tanstack/react-query'
import { lazy, useEffect, useMemo } from 'react'
import type { Extraction } from '../api/types'
import { useClient, useText } from '../provider'
import { ErrorNotice, Loading } from '../ui/States'
import { Boxes } from './Boxes'
import type { Active } from './ExtractionView'
import type { ValueRow } from './values'
import styles from './view.module.css'

const PdfPages = lazy(() => import('./PdfPages'))

export interface PaneProps {
  rows: ValueRow[]
  active?: Active
  onActive: (path?: string) => void
}

/** The file itself, with a box for each value. */
export default function DocumentPane({ extraction, ...pane }: PaneProps & { extraction: Extraction }) {
  const { t } = useText()
  const client = useClient()
  const { data, error, refetch } = useQuery({
    queryKey: ['content', extraction.fileId],
    queryFn: async ({ signal }) => (await client.fetch(`/files/${extraction.fileId}/content`, { signal })).blob(),
    staleTime: Infinity, // a file never changes
  })
  if (error) return <ErrorNotice error={error} onRetry={refetch} />
  if (!data) return <Loading />
  if (extraction.fileType === 'application/pdf') return <PdfPages file={data} {...pane} />
  if (extraction.fileType.startsWith('image/')) return <Picture file={data} {...pane} />
  return <p className={styles.muted}>{t('noPreview')}</p>
}

function Picture({ file, ...pane }: PaneProps & { file: Blob }) {
  const { t } = useText()
  const address = useMemo(() => URL.createObjectURL(file), [file])
  useEffect(() => () => URL.revokeObjectURL(address), [address])
  return (
    <figure className={styles.page}>
      <img src={address} alt={t('document')} />
      <Boxes page={1} {...pane} />
    </figure>
  )
}
