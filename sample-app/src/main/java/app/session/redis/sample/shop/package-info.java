/**
 * The products and the cart, which is a mutable object in the HTTP session.
 */
@NullMarked
package app.session.redis.sample.shop;

import org.jspecify.annotations.NullMarked;
