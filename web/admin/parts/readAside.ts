import { client } from '../session.ts';
import { tellProblem } from './useBusy.ts';

/** What a page can do without: what fails is told. @returns undefined where it did */
export async function readAside<Data>(path: string): Promise<Data | undefined> {
  try {
    return await client.api.get<Data>(path);
  } catch (error) {
    tellProblem(error);
    return undefined;
  }
}
