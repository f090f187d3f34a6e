import picture from '../../shared/locales/zh-CN/picture.json';
import account from './zh-CN/account.json';
import app from './zh-CN/app.json';
import campaign from './zh-CN/campaign.json';
import fairness from './zh-CN/fairness.json';
import home from './zh-CN/home.json';
import points from './zh-CN/points.json';
import prizes from './zh-CN/prizes.json';
import shop from './zh-CN/shop.json';
import talk from './zh-CN/talk.json';

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
