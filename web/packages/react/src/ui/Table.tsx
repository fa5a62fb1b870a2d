import type { ReactNode } from 'react'
import styles from './Table.module.css'

export interface Column<T> {
  key: string
  title: string
  cell: (row: T) => ReactNode
  /** Leave it out where there is little room. */
  secondary?: boolean
}

interface Props<T> {
  caption: string
  columns: Column<T>[]
  rows: T[]
  id: (row: T) => string
}

/** A table; narrow, each row stands as a card. */
export function Table<T>({ caption, columns, rows, id }: Props<T>) {
  return (
    <table className={styles.table}>
      <caption className={styles.caption}>{caption}</caption>
      <thead>
        <tr>{columns.map((c) => <th key={c.key} scope="col" className={c.secondary ? styles.secondary : undefined}>{c.title}</th>)}</tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={id(row)}>
            {columns.map((c) => <td key={c.key} className={c.secondary ? styles.secondary : undefined}>{c.cell(row)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
