/** Maps so many pages, every second one with other permissions, and some gaps. */
export function mapAlternating(pages: number): void;
