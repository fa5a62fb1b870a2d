import type { PDFDocumentProxy } from 'pdfjs-dist'
import { useEffect, useRef, useState } from 'react'
import { useClient, useText } from '../provider'
import { Loading } from '../ui/States'
import { Boxes } from './Boxes'
import type { PaneProps } from './DocumentPane'
import { openPDF } from './pdf'
import styles from './view.module.css'

/** A PDF's pages, each drawn when it comes into view. */
export default function PdfPages({ file, ...pane }: PaneProps & { file: Blob }) {
  const { t } = useText()
  const client = useClient()
  const [pdf, setPDF] = useState<PDFDocumentProxy | 'broken'>()
  useEffect(() => {
    const opened = openPDF(file, client.folder('pdf'))
    opened.document.then(setPDF, () => setPDF('broken'))
    return opened.close
  }, [file, client])
  if (!pdf) return <Loading />
  if (pdf === 'broken') return <p className={styles.muted}>{t('noPreview')}</p>
  return (
    <div data-pages className={styles.pages}>
      {Array.from({ length: pdf.numPages }, (_, i) => <Page key={i} pdf={pdf} number={i + 1} {...pane} />)}
    </div>
  )
}

function Page({ pdf, number, ...pane }: PaneProps & { pdf: PDFDocumentProxy; number: number }) {
  const { t } = useText()
  const frame = useRef<HTMLElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let stop = () => {}
    const watch = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return
      watch.disconnect()
      stop = draw(pdf, number, canvas.current!)
    }, { rootMargin: '400px' })
    watch.observe(frame.current!)
    return () => {
      watch.disconnect()
      stop()
    }
  }, [pdf, number])
  return (
    <figure ref={frame} className={styles.page}>
      <canvas ref={canvas} width={595} height={842} role="img" aria-busy aria-label={t('page', { page: number })} />
      <Boxes page={number} {...pane} />
    </figure>
  )
}

/** Draws a page at the width it has on the screen. */
function draw(pdf: PDFDocumentProxy, number: number, canvas: HTMLCanvasElement): () => void {
  let cancel = () => {}
  let stopped = false
  const run = async () => {
    const page = await pdf.getPage(number)
    if (stopped) return
    const plain = page.getViewport({ scale: 1 })
    const pixels = Math.min(canvas.clientWidth * devicePixelRatio * 1.5, 2400)
    const viewport = page.getViewport({ scale: pixels / plain.width })
    canvas.width = Math.floor(viewport.width)
    canvas.height = Math.floor(viewport.height)
    const task = page.render({ canvas, viewport })
    cancel = () => task.cancel()
    await task.promise
  }
  run().catch(() => {}).finally(() => { // cancelled, or a page that can't be drawn: the paper stays white
    canvas.ariaBusy = String(stopped)
  })
  return () => {
    stopped = true
    cancel()
  }
}
