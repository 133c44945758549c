import type { Metadata } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'

import './globals.css'

export const metadata: Metadata = { title: 'By the sea', description: 'A blog that speaks.' }

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <header>
          <Link href="/">By the sea</Link>
        </header>
        <main>{children}</main>
      </body>
    </html>
  )
}
