import picture from '../../shared/locales/en/picture.json';
import account from './en/account.json';
import app from './en/app.json';
import campaign from './en/campaign.json';
import fairness from './en/fairness.json';
import home from './en/home.json';
import points from './en/points.json';
import prizes from './en/prizes.json';
import shop from './en/shop.json';
import talk from './en/talk.json';

export const texts = {
  ...picture,
  ...account,
  ...app,
  ...campaign,
  ...fairness,
  ...home,
  ...points,
  ...prizes,
  ...shop,
  ...talk,
};
