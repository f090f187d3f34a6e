/** Filters of a list, kept in the page's address: they survive a reload, and can be sent to somebody. */
import { computed, type ComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';

export interface UrlFilters<Name extends string> {
  /** Of each filter what is asked for; '' is everything. Written to, the address follows and the list begins anew. */
  filters: Record<Name, string>;
  isFiltered: ComputedRef<boolean>;
  clear(): void;
}

/** Where in a list somebody is, also in the address. */
export const PLACES = ['page', 'before'] as const;

/** @param defaults what each filter is while the address does not name it */
export function useUrlFilters<Name extends string>(defaults: Record<Name, string>): UrlFilters<Name> {
  const route = useRoute();
  const router = useRouter();
  const names = Object.keys(defaults) as Name[];

  function read(name: Name): string {
    const value = route.query[name];
    return typeof value === 'string' ? value : defaults[name];
  }

  function write(changes: Partial<Record<Name, string>>): void {
    const query = Object.fromEntries(
      Object.entries(route.query).filter(([name]) => !(PLACES as readonly string[]).includes(name)),
    );
    for (const name of names) {
      const value = changes[name] ?? read(name);
      if (value === defaults[name]) delete query[name];
      else query[name] = value;
    }
    void router.replace({ query, hash: route.hash });
  }

  const filters = {} as Record<Name, string>;
  for (const name of names)
    Object.defineProperty(filters, name, {
      enumerable: true,
      get: () => read(name),
      set: (value: string | null | undefined) => write({ [name]: value ?? '' } as Record<Name, string>),
    });
  return {
    filters,
    isFiltered: computed(() => names.some((name) => read(name) !== defaults[name])),
    clear: () => write(defaults),
  };
}
