package app.session.redis.sample.shop;

import java.math.BigDecimal;

/**
 * Something to buy.
 *
 * @param id the name in addresses and in the cart, also that of its picture
 * @param name the name to show
 * @param description one line about it
 * @param price the price of one
 */
record Product(String id, String name, String description, BigDecimal price) {

}
